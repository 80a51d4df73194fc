"""Request or event in, answer or reply event out: decode, model, encode."""
