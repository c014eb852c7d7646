"""What keeps a deployment from working? `kundportal doctor` asks everything that it stands on."""
