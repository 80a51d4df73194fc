"""The three models that servers are compared by: one that costs nothing, one of trees, one of 100 MB."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from loadtests.bench.models import OPSET, SEED, Sample, finish, make_small, sampled

SMALL, TREE, BIG = "small", "tree", "big"
TREES, DEPTH, FEATURES, ROWS = 300, 6, 30, 2000
BLOCKS = ((3, 64), (4, 128), (6, 256), (3, 512))  # of ResNet-50: how many, and how wide
WIDENING, CLASSES = 4, 1000


def make_tree(folder: Path) -> Sample:
    """Train gradient boosting, 300 trees of 30 features to a number, as people export it."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.ensemble import GradientBoostingRegressor

    numbers = np.random.default_rng(SEED)
    rows = numbers.standard_normal((ROWS, FEATURES)).astype(np.float32)
    wanted = rows[:, 0] * rows[:, 1] + np.sin(3 * rows[:, 2]) + rows[:, 3:8].sum(1) + numbers.standard_normal(ROWS)
    trained = GradientBoostingRegressor(n_estimators=TREES, max_depth=DEPTH, max_features=8, random_state=SEED)
    model = convert_sklearn(
        trained.fit(rows, wanted),
        initial_types=[("input", FloatTensorType([None, FEATURES]))],
        final_types=[("output", FloatTensorType([None, 1]))],
        target_opset={"": OPSET, "ai.onnx.ml": 3},
    )
    onnx.save(model, folder / f"{TREE}.onnx")
    return sampled(folder / f"{TREE}.onnx", numbers.standard_normal((1, FEATURES)).round(4).astype(np.float32))


def make_big(folder: Path) -> Sample:
    """Write a net of ResNet-50's shape for pictures of 3x64x64: 25.5 M random weights, 102 MB."""
    net = _Net()
    x = net.convolved("input", (3, 64), 7, stride=2)
    x = net.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for stage, (blocks, width) in enumerate(BLOCKS):
        for block in range(blocks):
            x = net.block(x, channels, width, stride=2 if stage and not block else 1)
            channels = width * WIDENING
    x = net.node("Flatten", [net.node("GlobalAveragePool", [x])])
    weights = net.constant(net.numbers.standard_normal((channels, CLASSES)) * 0.01)
    net.nodes.append(helper.make_node("Gemm", [x, weights, net.constant(np.zeros(CLASSES))], ["output"]))
    array = net.numbers.standard_normal((1, 3, 64, 64)).round(4).astype(np.float32)
    return finish(folder / f"{BIG}.onnx", net.nodes, net.constants, array, outputs=CLASSES)


MAKERS: dict[str, Callable[[Path], Sample]] = {SMALL: make_small, TREE: make_tree, BIG: make_big}


class _Net:
    """A graph while it is made; each result is named by its number."""

    def __init__(self) -> None:
        self.numbers = np.random.default_rng(SEED)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def node(self, kind: str, inputs: list[str], **attributes: object) -> str:
        """Return the name of what a new node gives."""
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, value: np.ndarray) -> str:
        """Return the name of a new constant."""
        name = f"constant{len(self.constants)}"
        self.constants[name] = value.astype(np.float32)
        return name

    def convolved(self, x: str, channels: tuple[int, int], kernel: int, *, stride: int = 1, relu: bool = True) -> str:
        """Return the name of a convolution's result."""
        taken, given = channels
        deviation = (2 / (taken * kernel**2)) ** 0.5 * (1 if relu else 0.3)  # so that sums stay small without a norm
        weights = self.constant(self.numbers.standard_normal((given, taken, kernel, kernel)) * deviation)
        shape = {"kernel_shape": [kernel, kernel], "strides": [stride, stride], "pads": [kernel // 2] * 4}
        found = self.node("Conv", [x, weights, self.constant(np.zeros(given))], **shape)
        return self.node("Relu", [found]) if relu else found

    def block(self, x: str, channels: int, width: int, *, stride: int) -> str:
        """Return the name of a bottleneck's result."""
        given = width * WIDENING
        y = self.convolved(x, (channels, width), 1)
        y = self.convolved(y, (width, width), 3, stride=stride)
        y = self.convolved(y, (width, given), 1, relu=False)
        same = x if channels == given else self.convolved(x, (channels, given), 1, stride=stride, relu=False)
        return self.node("Relu", [self.node("Add", [same, y])])
