"""The numbers by which work takes turns on PostgreSQL: arbitrary, but no two alike, or strangers would wait."""

MIGRATIONS = 7_305_881_144  # processes that start at once
REGISTER = 7_305_881_145  # writers of the register, and the sealer of history, which seals nothing meanwhile
CLOCK = 7_305_881_146  # claims of what is due, so that two never wait for each other's cases; shared by placings
PURGE = 7_305_881_147  # purges, a batch each
