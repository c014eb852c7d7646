"""What can be ordered, and what it costs."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Date, ForeignKey, String, Table, text

from core.storage.tables.columns import Serial, metadata

services = Table(
    "services",
    metadata,
    Column("id", String, primary_key=True),  # its code
    Column("name", JSON, nullable=False),  # {"sv": …, "en": …}
    Column("handles_personal_data", Boolean, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("id", String, primary_key=True),  # its code
    Column("service_id", String, ForeignKey("services.id"), nullable=False),
    Column("name", JSON, nullable=False),
    Column("flow", String, nullable=False),
    Column("agent_field", String, nullable=False),
    Column("needs_units", Boolean, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("terms_url", String, nullable=False),
    Column("template", JSON, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("sole_traders_only", Boolean, nullable=False, server_default=text("false")),
)

price_items = Table(
    "price_items",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("offer_id", String, ForeignKey("offers.id"), nullable=False, index=True),
    Column("payer", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("amount_ore", BigInteger, nullable=False),
    Column("period", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    CheckConstraint("amount_ore >= 0", name="amount_not_negative"),
)
