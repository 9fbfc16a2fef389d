"""Other vendors' execute APIs over the same services: each dialect translates the wire, and none reaches past them."""
