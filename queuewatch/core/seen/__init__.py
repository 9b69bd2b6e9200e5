"""What others see of the state at a moment: pictures, never the state itself."""
