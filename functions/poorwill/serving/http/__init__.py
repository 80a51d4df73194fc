"""HTTP/1.1 over one event loop: bytes in, requests out to the application, answers back."""
