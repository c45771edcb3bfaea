"""Pure core: values in, values out."""
