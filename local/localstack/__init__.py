"""LocalStack without Docker: installed from the package index, started on the loopback interface, stopped again."""
