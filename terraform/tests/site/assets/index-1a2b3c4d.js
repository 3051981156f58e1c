// What a bundler would have put here.
