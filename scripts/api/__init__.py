"""The public headers, as declarations with their comments."""
