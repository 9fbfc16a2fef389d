"""How the server is started and stopped: the data folder's lock, the first start, the web server, its helpers."""
