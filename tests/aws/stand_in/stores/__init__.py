"""Log groups, alarms, dashboards, secrets, uses of keys, fast restores, caches, warehouses and what moto lacks of buckets,
as they are read.

Own answers over what was seeded, in the form of the replies; keys and buckets themselves are moto's.
"""

from .buckets import OPERATIONS as BUCKETS
from .keys import OPERATIONS as KEYS
from .restores import OPERATIONS as RESTORES
from .warehouses import OPERATIONS as WAREHOUSES
from .watching import OPERATIONS as WATCHING

OPERATIONS = {**BUCKETS, **KEYS, **RESTORES, **WAREHOUSES, **WATCHING}
