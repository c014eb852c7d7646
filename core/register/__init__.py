"""Who there is: organisations, their people, roles and rules, and who may change them."""
