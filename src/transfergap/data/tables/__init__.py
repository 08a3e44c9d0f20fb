"""Tables in one form, with checked columns, without row names and totals."""
