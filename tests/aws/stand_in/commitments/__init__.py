"""Reservations, Savings Plans, Cost Explorer's advice about them, AWS's own advisers and the organisation.

Own answers over what was seeded (`State.shelf`), in the form of the replies. What belongs to the account as a whole
lies on the shelves of the region ``global``. An account that nobody seeded has opted in to the advisers, which know
nothing, and is a member of somebody's organisation.
"""

from .advisers import OPERATIONS as ADVISERS
from .billing import OPERATIONS as BILLING
from .organization import OPERATIONS as ORGANIZATION
from .reservations import OPERATIONS as RESERVATIONS

OPERATIONS = {**ADVISERS, **BILLING, **ORGANIZATION, **RESERVATIONS}
