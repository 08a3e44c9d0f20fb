"""Front doors of tables: audit, plan, and the object they return."""
