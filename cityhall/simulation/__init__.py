"""A city of millions in discrete events: how long a revoked card is still taken for good."""
