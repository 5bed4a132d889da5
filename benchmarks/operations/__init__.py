"""What is measured, a file for each kind. `benchmarks.operation` finds them."""
