"""Audit records: written, sealed, verified and replayed."""
