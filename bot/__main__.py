"""`python -m bot`: the command `kundportal`, where nothing is installed."""

from bot.cli.commands import app

if __name__ == "__main__":
    app()
