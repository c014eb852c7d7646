"""How the product is served: what a connection may hold, what a body may, and what every answer says."""
