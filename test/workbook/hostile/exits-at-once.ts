console.log('Harbour Radio is on the air')
