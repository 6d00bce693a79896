"""One model per panel: settings, `plan`, state and signals; testable without a widget."""
