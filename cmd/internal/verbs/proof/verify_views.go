package proof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/archive"
)

// What came of comparing the views.
const (
	ViewsSame        = "same"
	viewsOther       = "other"
	viewsNotCompared = "not compared"
)

// compareViews folds the views of an archive again, in a scratch file, and
// compares their digests with the signed ones.
func compareViews(ctx context.Context, std cli.Streams, a *archive.Archive) (result, why string, err error) {
	if a.Manifest.Views == nil {
		return viewsNotCompared, "the archive has no digests of them", nil
	}
	dir, err := os.MkdirTemp("", "summit-verify-")
	if err != nil {
		return viewsNotCompared, "", fmt.Errorf("fold the views: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "views.db")
	version, _, err := digests(ctx, path, a)
	if err != nil {
		return viewsNotCompared, "", err
	}
	if version != a.Manifest.Views.Version {
		return viewsNotCompared, fmt.Sprintf("they are of version %d, and this program makes version %d", a.Manifest.Views.Version, version), nil
	}
	tell := progressOf(std, "folded")
	if err := projections.Build(ctx, path, a.Log(), uint64(a.Checkpoint.Size), func(seq uint64) { tell(int64(seq), a.Checkpoint.Size) }); err != nil {
		return viewsNotCompared, "", fmt.Errorf("fold the views: %w", err)
	}
	_, tables, err := digests(ctx, path, a)
	if err != nil {
		return viewsNotCompared, "", err
	}
	for i, t := range a.Manifest.Views.Tables {
		if i >= len(tables) || tables[i].Table != t.Name || tables[i].Rows != t.Rows || tables[i].Sum != t.Sum {
			return viewsOther, "", &archive.Fault{Part: "manifest", Reason: fmt.Sprintf("the views that were served do not follow from the events: the table %s differs", t.Name)}
		}
	}
	if len(tables) != len(a.Manifest.Views.Tables) {
		return viewsOther, "", &archive.Fault{Part: "manifest", Reason: "the views that were served do not follow from the events: a table is missing"}
	}
	return ViewsSame, fmt.Sprintf("all %d tables, folded again from the events", len(tables)), nil
}

// digests returns the version of the views that this program makes, and what is
// in the file.
func digests(ctx context.Context, path string, a *archive.Archive) (int, []projections.TableDigest, error) {
	e, err := projections.Open(path, a.Log(), projections.Options{NoSync: true})
	if err != nil {
		return 0, nil, fmt.Errorf("fold the views: %w", err)
	}
	_, version, tables, err := e.Digests(ctx)
	return version, tables, errors.Join(err, e.Close())
}
