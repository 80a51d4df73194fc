"""The object store port, its adapters for a folder and for S3, and the light reader."""
