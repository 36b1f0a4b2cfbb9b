"""The database: takes and gives records, never rows."""
