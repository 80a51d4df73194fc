"""`make bench`: Poorwill beside functions-framework as shipped and FastAPI + uvicorn. See docs/benchmarks.md."""
