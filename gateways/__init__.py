"""Whom we call and pay: one class per vendor API (`domain.ports.Gateway`), wire in and out."""
