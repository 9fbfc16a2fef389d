"""Dapr's messages. The `.proto` files are ours, with its names and numbers; `make proto` writes the rest from them."""
