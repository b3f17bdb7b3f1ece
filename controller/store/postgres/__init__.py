"""The store on PostgreSQL: our SQL translated (dialect.py), a connection used as SQLite's (connection.py)."""
