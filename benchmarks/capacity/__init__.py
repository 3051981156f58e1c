"""What the pipeline costs and what it holds, from 1 to 1,000 times the reference load, beside other designs."""
