"""The Pricing API over price data files (us-east-1 list prices, other regions by a factor)."""
