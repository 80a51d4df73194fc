"""Who calls: API keys and JWTs, judged by the head of a request alone; imported only where it is asked for."""
