"""The predictor as a functions-framework function.

POORWILL_STORE=./store POORWILL_MODEL=digits@1 functions-framework --source functions/predict/main.py --target predict
"""

from poorwill.serving.framework import predict

__all__ = ["predict"]
