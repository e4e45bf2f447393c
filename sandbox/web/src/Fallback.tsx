/** Keeps one broken part, say a block with an odd field, from taking the page with it. */
import { Component, type ReactNode } from "react";

interface FallbackProps {
  what: string;
  children: ReactNode;
}

export class Fallback extends Component<FallbackProps, { error?: Error }> {
  state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  render() {
    if (!this.state.error) return this.props.children;
    return (
      <p className="block-unknown" role="alert" data-testid="broken">
        This page could not draw {this.props.what}: {this.state.error.message}
      </p>
    );
  }
}
