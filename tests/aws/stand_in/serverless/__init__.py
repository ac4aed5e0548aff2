"""DynamoDB, Lambda, ECS and Application Auto Scaling, as far as they are read.

Own answers over what was seeded: moto has no sizes, classes, provisioned concurrency, capacity providers or
pages for them. Nothing can be created through the API here.
"""

from .functions import OPERATIONS as FUNCTIONS
from .scaling import OPERATIONS as SCALING
from .services import OPERATIONS as SERVICES
from .tables import OPERATIONS as TABLES

OPERATIONS = {**TABLES, **FUNCTIONS, **SERVICES, **SCALING}
