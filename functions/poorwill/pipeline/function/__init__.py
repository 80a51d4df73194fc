"""A step as a function: an event in, its reply out, under functions-framework, as a Job, or on the command line."""
