package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/summit-timeline/summit/store/durable"
)

// erasedEvery is how often it is looked whether the files of a stream are gone.
const erasedEvery = 5 * time.Millisecond

// Erased returns once no file of a stream that was deleted is left, also after a loss of
// power. The server renames the folder of a stream, answers, and removes it then.
func (s *Server) Erased(ctx context.Context, stream string) error {
	dir := streamsOf(s.o.Dir)
	for _, name := range []string{stream, "." + stream} {
		for {
			_, err := os.Stat(filepath.Join(dir, name))
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err != nil {
				return fmt.Errorf("look for the files of %s: %w", stream, err)
			}
			if !pause(ctx, erasedEvery) {
				return fmt.Errorf("wait until the files of %s are gone: %w", stream, ctx.Err())
			}
		}
	}
	if err := durable.SyncDir(dir); err != nil {
		return fmt.Errorf("forget the files of %s: %w", stream, err)
	}
	return nil
}
