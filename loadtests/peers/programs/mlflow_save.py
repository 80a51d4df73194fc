"""Saves the model as MLflow's documentation does, so that `mlflow models serve` can have it."""

import os
import sys

import mlflow.onnx
import onnx

mlflow.onnx.save_model(
    onnx.load(os.environ["BENCH_MODEL"]),
    sys.argv[1],
    onnx_session_options={"intra_op_num_threads": int(os.environ["BENCH_THREADS"]), "inter_op_num_threads": 1},
    onnx_execution_providers=["CPUExecutionProvider"],
)
