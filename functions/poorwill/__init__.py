"""A trained model becomes a function: pushed, served over HTTP and CloudEvents, asleep at zero cost."""

TYPE_CHECKING = False  # as typing has it, without the cost of importing typing
if TYPE_CHECKING:
    from poorwill.client import Client

__all__ = ["Client", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Return what is imported only when it is asked for."""
    if name == "Client":
        from poorwill.client import Client

        return Client
    raise AttributeError(f"module 'poorwill' has no attribute '{name}'")
