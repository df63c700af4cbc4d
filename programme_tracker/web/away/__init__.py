"""Who of the staff is away, noted for them by whoever answers for staffing."""
