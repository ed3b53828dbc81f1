"""The whole system as people meet it: a real server and a real browser."""
