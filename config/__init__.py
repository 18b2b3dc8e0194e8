"""How Concert is put together: settings, addresses, the worker, the embedded servers."""
