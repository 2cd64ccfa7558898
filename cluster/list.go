package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
)

const (
	pageSize = 500
	// A list that is read for longer than the server remembers its beginning is begun anew, at last in one piece.
	restarts = 2
	// atOnce is how many requests wait for an answer.
	atOnce = 8
)

// list hands over the objects of a resource, page by page, each as JSON; begin is called when it begins, again too.
func list(ctx context.Context, c *rest.RESTClient, r resource, namespace string, begin func(), page func([]json.RawMessage) error) error {
	for try := 0; ; try++ {
		begin()
		err := pages(ctx, c, r, namespace, try < restarts, page)
		if try == restarts || !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) {
			return err
		}
	}
}

func pages(ctx context.Context, c *rest.RESTClient, r resource, namespace string, paged bool, page func([]json.RawMessage) error) error {
	from := ""
	for {
		request := c.Get().AbsPath(r.path(namespace))
		if paged {
			request.Param("limit", strconv.Itoa(pageSize))
		}
		if from != "" {
			request.Param("continue", from)
		}
		narrow := narrowed[r.group+"/"+r.kind]
		if narrow.field != "" {
			request.Param("fieldSelector", narrow.field)
		}
		if narrow.label != "" {
			request.Param("labelSelector", narrow.label)
		}
		data, err := request.Do(ctx).Raw()
		if err != nil {
			return err
		}
		var list struct {
			Metadata struct{ Continue string }
			Items    []json.RawMessage
		}
		if err := json.Unmarshal(data, &list); err != nil {
			return fmt.Errorf("%s: %w", r.path(namespace), err)
		}
		if err := page(list.Items); err != nil {
			return fmt.Errorf("%s: %w", r.path(namespace), err)
		}
		if from = list.Metadata.Continue; from == "" {
			return nil
		}
	}
}

// parallel does jobs, some at a time, until one fails.
func parallel(ctx context.Context, jobs []func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	turn := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for _, job := range jobs {
		turn <- struct{}{}
		group.Go(func() {
			defer func() { <-turn }()
			if ctx.Err() != nil {
				return
			}
			if err := job(ctx); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}
