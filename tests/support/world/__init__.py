"""Givens: people, organisations and orders, in memory and on databases, few and many."""
