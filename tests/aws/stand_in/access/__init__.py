"""Who may do what: trust policies, permission policies and sessions."""
