"""Cost Explorer over seeded daily costs."""
