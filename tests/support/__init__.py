"""What tests are made with: worlds, drawings and machines."""
