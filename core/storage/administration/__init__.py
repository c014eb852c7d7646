"""What those who keep an organisation read and change, with the register's own writers."""
